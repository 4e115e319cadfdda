/** The version of the contract that the kit checks. */
export const specVersion = 1;
