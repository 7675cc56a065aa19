export const create = () => ({ flsuh() {} })
