/** The version of the contract that this store is written for. */
export const specVersion = 1;
