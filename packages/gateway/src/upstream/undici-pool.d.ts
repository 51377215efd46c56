declare module "undici/lib/dispatcher/pool.js" {
  import type { Pool as UndiciPool } from "undici";

  const Pool: typeof UndiciPool;
  type Pool = UndiciPool;
  export default Pool;
}
