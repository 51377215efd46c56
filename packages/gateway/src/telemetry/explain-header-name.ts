/** Asks for the decision record of this very request, and carries it in the answer; lower case. */
export const explainHeaderName = "x-gatewright-explain";
