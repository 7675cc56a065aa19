/** Of one metric in one interval, where the configuration says nothing. Beyond that there are sketches. */
export const DEFAULT_TIMER_EXACT_VALUES = 2_000
export const DEFAULT_SET_EXACT_MEMBERS = 10_000
