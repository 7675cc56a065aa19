/**
 * Characters that no name and no tag carries: C0, DEL and C1 controls, and the marks that turn the direction of
 * writing around. White space among the controls has become '_' before this is used.
 */
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
export const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g
