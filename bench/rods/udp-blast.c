/* udp-blast: sends the datagrams of a file to 127.0.0.1, over and over, as fast as it can or at a given rate.
 *
 *   udp-blast PORT FILE SECONDS DATAGRAMS DATAGRAMS_PER_SECOND
 *
 * FILE holds datagrams, each after its length as four bytes, the least first (bench/ingest/payload.ts writes it). It ends
 * after SECONDS or after exactly so many DATAGRAMS, whichever comes first; 0 means no such end. A rate of 0 is as fast as it
 * can. Prints one line of JSON: what it sent, and how long that took. Loopback only.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 64, LONGEST_SECONDS = 120 };

static double seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}

static uint32_t length_at(const uint8_t *bytes) {
  uint32_t length;
  memcpy(&length, bytes, sizeof length);
  return le32toh(length);
}

static int fail(const char *what) {
  perror(what);
  return 1;
}

int main(int argc, char **argv) {
  if (argc != 6) {
    fprintf(stderr, "usage: udp-blast PORT FILE SECONDS DATAGRAMS DATAGRAMS_PER_SECOND\n");
    return 64;
  }
  double duration = atof(argv[3]), rate = atof(argv[5]);
  long wanted = atol(argv[4]);
  if (duration <= 0 || duration > LONGEST_SECONDS) duration = LONGEST_SECONDS;

  int file = open(argv[2], O_RDONLY);
  struct stat status;
  if (file < 0 || fstat(file, &status) < 0) return fail(argv[2]);
  uint8_t *bytes = mmap(NULL, status.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0);
  if (bytes == MAP_FAILED) return fail("mmap");
  long count = 0;
  for (long at = 0; at < status.st_size; count++) at += 4 + length_at(bytes + at);
  struct iovec *datagram = calloc(count, sizeof *datagram);
  for (long at = 0, i = 0; i < count; i++) {
    datagram[i] = (struct iovec){bytes + at + 4, length_at(bytes + at)};
    at += 4 + datagram[i].iov_len;
  }

  int fd = socket(AF_INET, SOCK_DGRAM, 0), size = 8 << 20;
  setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1]))};
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd, (void *)&to, sizeof to) < 0) return fail("connect");

  struct mmsghdr message[BATCH];
  memset(message, 0, sizeof message);
  for (int i = 0; i < BATCH; i++) message[i].msg_hdr.msg_iovlen = 1;
  long sent = 0;
  double start = seconds(), now = start;
  while ((wanted == 0 || sent < wanted) && (now = seconds()) - start < duration) {
    if (rate > 0 && sent > rate * (now - start)) {
      usleep(50);
      continue;
    }
    int batch = wanted > 0 && wanted - sent < BATCH ? wanted - sent : BATCH;
    for (int i = 0; i < batch; i++) message[i].msg_hdr.msg_iov = &datagram[(sent + i) % count];
    int n = sendmmsg(fd, message, batch, 0);
    /* ECONNREFUSED is the answer to an earlier datagram: nobody listens, and nothing would be measured. */
    if (n < 0 && errno != EINTR) return fail("sendmmsg");
    if (n > 0) sent += n;
  }
  printf("{\"datagrams\":%ld,\"seconds\":%.6f}\n", sent, seconds() - start);
  return 0;
}
