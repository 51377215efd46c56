/*
 * @peculiar/x509 uses tsyringe, which refuses to load without the metadata functions of a decorator proposal that no
 * engine has. These four are all it calls, at load time, on its own classes. Import this before @peculiar/x509.
 */
const stored = new WeakMap<object, Map<unknown, unknown>>();

const functions = {
  defineMetadata(key: unknown, value: unknown, target: object): void {
    const known = stored.get(target) ?? new Map<unknown, unknown>();
    stored.set(target, known.set(key, value));
  },
  getOwnMetadata(key: unknown, target: object): unknown {
    return stored.get(target)?.get(key);
  },
  getMetadata(key: unknown, target: object): unknown {
    for (let each: object | null = target; each !== null; each = Reflect.getPrototypeOf(each)) {
      const known = stored.get(each);
      if (known?.has(key)) return known.get(key);
    }
    return undefined;
  },
  metadata(key: unknown, value: unknown): (target: object) => void {
    return (target) => functions.defineMetadata(key, value, target);
  },
};

for (const [name, value] of Object.entries(functions)) {
  if (!(name in Reflect)) {
    Object.defineProperty(Reflect, name, { value, configurable: true, writable: true });
  }
}
