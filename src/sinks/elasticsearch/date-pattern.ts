/** `{yyyy.MM.dd}` in the name of an index. */
export const DATE = /\{((?:yyyy|MM|dd|HH|[._-])+)\}/g
