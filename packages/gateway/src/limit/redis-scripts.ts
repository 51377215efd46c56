import { hash } from "node:crypto";
import type { RedisScript } from "../redis/redis-connection.ts";
import { WINDOW_MILLISECONDS } from "./fixed-window.ts";

/*
 * `fixed-window.ts` and `gcra.ts` in Lua, over Redis's own clock, in milliseconds. A window is a hash of its start `s` and
 * what is used, `u`; GCRA one of its theoretical arrival time `t` and by how much refunds have moved that, `h`. What runs
 * at once is a sorted set of leases by the time they end, so that those of a replica that died end by themselves.
 */

const prelude = `
local WINDOW = ${WINDOW_MILLISECONDS}
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local function text(number) return string.format('%.17g', number) end
local function spacing(limit, burst)
  if limit >= 2 then return WINDOW / (limit - burst) end
  return WINDOW
end
local function expire(key, milliseconds) redis.call('PEXPIRE', key, math.ceil(milliseconds)) end
`;

/**
 * Takes from all counters or from none. ARGV: the lease, its length, then for each key: kind, limit, burst, amount.
 * Answers texts: 1 or 0, then for each key what remains, how long to wait (0 = it fits, -1 = nobody knows), the mark.
 */
export const takeScript = script(`${prelude}
local granted = true
local state = {}
local out = {}
for i = 1, #KEYS do
  local at = 2 + (i - 1) * 4
  local kind, limit = ARGV[at + 1], tonumber(ARGV[at + 2])
  local burst, amount = tonumber(ARGV[at + 3]), tonumber(ARGV[at + 4])
  local needed = math.max(1, amount)
  local entry = { wait = 0, remaining = 0 }
  if kind == 'window' then
    local found = redis.call('HMGET', KEYS[i], 's', 'u')
    entry.start, entry.used = found[1], tonumber(found[2]) or 0
    local left = (tonumber(entry.start) or -WINDOW) + WINDOW - now
    if left <= 0 then
      entry.start, entry.used, left = text(now), 0, WINDOW
    end
    entry.left = left
    entry.remaining = limit - entry.used
    if entry.used + needed > limit then entry.wait = left end
  elseif kind == 'gcra' then
    local found = redis.call('HMGET', KEYS[i], 't', 'h')
    entry.theoretical, entry.shifted = tonumber(found[1]) or 0, tonumber(found[2]) or 0
    local space = spacing(limit, burst)
    if needed > limit then
      entry.wait = WINDOW
    else
      entry.wait = math.max(0, entry.theoretical - now - (burst - needed) * space)
      entry.remaining = math.max(0, burst - math.max(0, entry.theoretical - now) / space)
    end
  else
    redis.call('ZREMRANGEBYSCORE', KEYS[i], '-inf', now)
    entry.used = redis.call('ZCARD', KEYS[i])
    entry.remaining = limit - entry.used
    if entry.used >= limit then entry.wait = -1 end
  end
  if entry.wait ~= 0 then granted = false end
  state[i] = entry
end
out[1] = granted and '1' or '0'
for i = 1, #KEYS do
  local entry = state[i]
  local at = 2 + (i - 1) * 4
  local mark = '0'
  if granted then
    local kind, limit = ARGV[at + 1], tonumber(ARGV[at + 2])
    local burst, amount = tonumber(ARGV[at + 3]), tonumber(ARGV[at + 4])
    entry.remaining = entry.remaining - amount
    if kind == 'window' then
      redis.call('HSET', KEYS[i], 's', entry.start, 'u', text(entry.used + amount))
      expire(KEYS[i], entry.left)
      mark = entry.start
    elseif kind == 'gcra' then
      local theoretical = math.max(now, entry.theoretical) + amount * spacing(limit, burst)
      redis.call('HSET', KEYS[i], 't', text(theoretical), 'h', text(entry.shifted))
      -- Marks compare with 'h', which must not start again while a request may still be running.
      expire(KEYS[i], theoretical - now + 7200000)
      mark = text(theoretical + entry.shifted)
    else
      redis.call('ZADD', KEYS[i], now + ARGV[2], ARGV[1])
      expire(KEYS[i], ARGV[2])
    end
  end
  local base = (i - 1) * 3
  out[base + 2] = text(math.max(0, entry.remaining))
  out[base + 3] = text(entry.wait)
  out[base + 4] = mark
end
return out
`);

/**
 * Settles what was taken. ARGV: the lease, then for each key: kind, limit, burst, reserved, used, mark.
 */
export const settleScript = script(`${prelude}
for i = 1, #KEYS do
  local at = 1 + (i - 1) * 6
  local kind, limit, burst = ARGV[at + 1], tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3])
  local reserved, used, mark = tonumber(ARGV[at + 4]), tonumber(ARGV[at + 5]), ARGV[at + 6]
  local extra = used - reserved
  if kind == 'parallel' then
    redis.call('ZREM', KEYS[i], ARGV[1])
  elseif kind == 'window' then
    local found = redis.call('HMGET', KEYS[i], 's', 'u')
    local start, counted = found[1], tonumber(found[2]) or 0
    local left = (tonumber(start) or -WINDOW) + WINDOW - now
    if extra > 0 and left <= 0 then
      redis.call('HSET', KEYS[i], 's', text(now), 'u', text(extra))
      expire(KEYS[i], WINDOW)
    elseif left > 0 and (extra > 0 or start == mark) then
      redis.call('HSET', KEYS[i], 'u', text(counted + extra))
    end
  elseif kind == 'gcra' then
    local found = redis.call('HMGET', KEYS[i], 't', 'h')
    local theoretical, shifted = tonumber(found[1]) or 0, tonumber(found[2]) or 0
    local space = spacing(limit, burst)
    if extra > 0 then
      theoretical = math.max(now, theoretical) + extra * space
      redis.call('HSET', KEYS[i], 't', text(theoretical), 'h', text(shifted))
      expire(KEYS[i], theoretical - now + 7200000)
    elseif found[1] then
      local shift = math.min(-extra * space, tonumber(mark) - shifted - now)
      if shift > 0 then
        redis.call('HSET', KEYS[i], 't', text(theoretical - shift), 'h', text(shifted + shift))
      end
    end
  end
end
return 0
`);

/** Prolongs leases, also ones that Redis has lost in the meantime. KEYS[1]: the set; ARGV: length, then the leases. */
export const renewScript = script(`${prelude}
for i = 2, #ARGV do redis.call('ZADD', KEYS[1], now + ARGV[1], ARGV[i]) end
expire(KEYS[1], ARGV[1])
return 0
`);

function script(text: string): RedisScript {
  return { text, sha: hash("sha1", text) };
}
