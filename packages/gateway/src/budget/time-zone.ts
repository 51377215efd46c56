/** A time of a calendar and a clock on the wall, as epoch milliseconds of the same reading in UTC. */
export type WallTime = number;

/** Turns moments into what clocks of a zone show, and back. */
export interface TimeZone {
  readonly name: string;
  wall(epoch: number): WallTime;
  /**
   * When the clocks show `wall` for the first time later than `after` (epoch milliseconds). A time that is skipped
   * when clocks are put forward is the moment of the change.
   */
  epoch(wall: WallTime, after: number): number;
}

/** Needs no `Intl`, which takes milliseconds to wake up. */
export const utc: TimeZone = { name: "UTC", wall: (epoch) => epoch, epoch: (wall) => wall };

/** A zone by its IANA name; undefined when there is none of that name. */
export function timeZoneNamed(name: string): TimeZone | undefined {
  if (name === "UTC") return utc;
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: name,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  } catch {
    return undefined;
  }
  const wall = (epoch: number): WallTime => {
    const parts: Record<string, number> = {};
    for (const { type, value } of format.formatToParts(epoch)) parts[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
    const milliseconds = ((epoch % 1000) + 1000) % 1000;
    return Date.UTC(year, month - 1, day, hour, minute, second) + milliseconds;
  };
  return {
    name,
    wall,
    epoch(time, after) {
      // Offsets a day around it: the one before and the one after a change, or twice the same.
      const offsets = [offset(wall, time - DAY), offset(wall, time + DAY)];
      const [early, late] = [time - Math.max(...offsets), time - Math.min(...offsets)];
      if (early > after && wall(early) === time) return early;
      return wall(late) === time ? late : changeBetween(wall, early, late);
    },
  };
}

const DAY = 86_400_000;

function offset(wall: (epoch: number) => WallTime, epoch: number): number {
  return wall(epoch) - epoch;
}

/** The clocks skip a time between the two moments: finds the first moment after they do, by halving. */
function changeBetween(wall: (epoch: number) => WallTime, early: number, late: number): number {
  const old = offset(wall, early);
  let [low, high] = [early, late];
  while (high - low > 1000) {
    const middle = Math.floor((low + high) / 2);
    if (offset(wall, middle) === old) low = middle;
    else high = middle;
  }
  return Math.floor(high / 1000) * 1000;
}
