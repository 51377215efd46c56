-- The question of the bench for wrk, from the environment: WRK_BODY, and WRK_HEADERS as "name: value" lines.
-- What came of it goes to stderr as one line of JSON; times in microseconds.

wrk.method = "POST"
wrk.body = os.getenv("WRK_BODY")
for line in os.getenv("WRK_HEADERS"):gmatch("[^\n]+") do
  local name, value = line:match("^([^:]+): (.*)$")
  wrk.headers[name] = value
end

function done(summary, latency)
  local errors = summary.errors
  io.stderr:write(string.format(
    '{"requests":%d,"duration":%d,"p50":%f,"p99":%f,"refused":%d,"broken":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), errors.status,
    errors.connect + errors.read + errors.write + errors.timeout))
end
