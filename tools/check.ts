import { checkSteps } from "./check-steps.ts";
import { conclude, runSteps } from "./step.ts";

/** The one gate: `npm run check`. */
conclude(await runSteps(checkSteps));
