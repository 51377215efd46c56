/** A model as AI Studio's paths and requests have it: `models/gemini-2.5-pro`, `tunedModels/mine`. */
export function modelResource(model: string): string {
  return model.startsWith("models/") || model.startsWith("tunedModels/") ? model : `models/${model}`;
}

/** Each segment encoded, but for what model names hold and paths may. */
export function modelPath(model: string): string {
  return model
    .split("/")
    .map((segment) => encodeURIComponent(segment).replaceAll("%40", "@"))
    .join("/");
}
