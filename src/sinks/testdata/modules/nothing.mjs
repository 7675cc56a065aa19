export const create = () => ({ flush() {} })
export const init = () => true
