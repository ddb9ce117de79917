-- For wrk: asks for the addresses of the file in BENCH_PAGES in turn, signed in by the cookie in BENCH_COOKIE, and prints
-- one line: p50 and p99 in milliseconds, answers a second, answers that were no page.
local pages, next_page = {}, 0
for line in io.lines(os.getenv("BENCH_PAGES")) do pages[#pages + 1] = line end
local headers = { ["Cookie"] = os.getenv("BENCH_COOKIE"), ["Accept-Encoding"] = "gzip" }

-- Every thread begins somewhere else.
local threads, all_threads = 0, {}
function setup(thread)
  thread:set("start", threads * 7)
  threads = threads + 1
  table.insert(all_threads, thread)
end
function init() next_page = start end

function request()
  next_page = next_page % #pages + 1
  return wrk.format("GET", pages[next_page], headers)
end

-- A redirect is to the sign-in page: wrk itself counts only what is 400 or more.
bad = 0
function response(status) if status ~= 200 then bad = bad + 1 end end

function done(summary, latency)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.timeout
  for _, thread in ipairs(all_threads) do failed = failed + thread:get("bad") end
  io.write(string.format("RESULT %.1f %.1f %.0f %d\n", latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    summary.requests / (summary.duration / 1e6), failed))
end
