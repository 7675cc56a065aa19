/**
 * What pickle and MessagePack are made of here. A Float64Array is a list of floating point numbers in which NaN is null;
 * any other number is an integer where it is whole.
 */
export type PlainValue =
  | null
  | boolean
  | number
  | string
  | Float64Array
  | readonly PlainValue[]
  | { readonly [key: string]: PlainValue }
