/* udp-floor: receives datagrams with recvmmsg and throws them away: the least CPU that receiving them can cost on this machine,
 * and so the floor that a StatsD server is held against.
 *
 *   udp-floor
 *
 * Binds a free port of 127.0.0.1 and prints it, with the receive buffer it was granted, as one line of JSON. At the end of
 * stdin it prints what it received, and ends.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

enum { BATCH = 64, BYTES = 9000, WAIT_MICROSECONDS = 100000 };

int main(void) {
  int fd = socket(AF_INET, SOCK_DGRAM, 0), size = 64 << 20;
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) < 0)
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  struct sockaddr_in at = {.sin_family = AF_INET};
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof at, size_length = sizeof size;
  if (bind(fd, (void *)&at, sizeof at) < 0) return perror("bind"), 1;
  getsockname(fd, (void *)&at, &length);
  getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, &size_length);
  /* Linux counts its own bookkeeping in and reports the double. */
  printf("{\"port\":%d,\"buffer_bytes\":%d}\n", ntohs(at.sin_port), size / 2);
  fflush(stdout);
  struct timeval wait = {0, WAIT_MICROSECONDS};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);

  struct mmsghdr *message = calloc(BATCH, sizeof *message);
  struct iovec *vector = calloc(BATCH, sizeof *vector);
  char *data = malloc(BATCH * BYTES);
  for (int i = 0; i < BATCH; i++) {
    vector[i] = (struct iovec){data + i * BYTES, BYTES};
    message[i].msg_hdr.msg_iov = &vector[i];
    message[i].msg_hdr.msg_iovlen = 1;
  }
  long datagrams = 0, calls = 0;
  struct pollfd parent = {.fd = 0, .events = POLLIN};
  /* Whoever started it is only looked for while there is nothing to receive. */
  for (;;) {
    int n = recvmmsg(fd, message, BATCH, MSG_WAITFORONE, 0);
    if (n > 0) datagrams += n, calls++;
    else if (poll(&parent, 1, 0) > 0) break;
  }
  printf("{\"datagrams\":%ld,\"per_call\":%.1f}\n", datagrams, calls ? (double)datagrams / calls : 0);
  return 0;
}
