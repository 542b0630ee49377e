-- Tests of the hook libraries: jobrun lua jobs/hooks/hooks_test.lua

local chunk, escalate = require "hooks.chunk", require "hooks.escalate"
local redact, report, route, vote = require "hooks.redact", require "hooks.report", require "hooks.route", require "hooks.vote"

local function equal(got, wanted, what)
  assert(got == wanted, ("%s: %s expected, got %s"):format(what, tostring(wanted), tostring(got)))
end

local function job(library, models)
  return {
    models = models or { cheap = {}, strong = {} }, model = "cheap", use = { library },
    prompt = function(item) return item.text end,
    parse = function(reply, _, ctx) return { text = reply.text, model = reply.model, vote = ctx.state.vote } end,
  }
end

-- route
local by_length = route { cheap = "cheap", strong = "strong", hard = function(item) return #item.text > 5 end }
equal(jobrun.test(job(by_length), { text = "short" }, { "x" }).rows[1].model, "cheap", "route, easy")
equal(jobrun.test(job(by_length), { text = "longer text" }, { "x" }).rows[1].model, "strong", "route, hard")

-- escalate
local strict = escalate { to = "strong", schema = { type = "object", required = { "a" } } }
local good = jobrun.test(job(strict), { text = "x" }, { '{"a": 1}' })
equal(good.rows[1].model, "cheap", "escalate, good")
local bad = jobrun.test(job(strict), { text = "x" }, { "no JSON", '{"a": 2}' })
equal(bad.rows[1].model, "strong", "escalate, bad")
equal(#bad.requests, 2, "escalate, requests")
local weak = jobrun.test(job(escalate { to = "strong", check = function() return false end }), { text = "x" }, { "1", "2" })
equal(weak.rows[1].text, "2", "escalate takes what the strong model says")

-- vote
local voted = jobrun.test(job(vote { n = 3 }), { text = "x" }, { "Yes", "no", "yes " })
equal(voted.rows[1].text, "Yes", "vote")
equal(voted.rows[1].vote.agreed, 2, "vote, agreed")
local some = jobrun.test(job(vote { n = 3 }), { text = "x" }, { "a", { class = "timeout" }, { class = "timeout" } })
equal(some.rows[1].text, "a", "vote, others failed")
local renamed = jobrun.test(job(vote { n = 3 }, { cheap = { name = "provider/small" } }), { text = "x" }, { "a", "b", "b" })
equal(renamed.rows[1].text, "b", "vote, models with other names")

-- redact
local masked = jobrun.test(job(redact {}), { text = "Write to a.b@example.com or call 0123-456, a.b@example.com" },
  { "Sent to [EMAIL-1], called [NUMBER-1], [OTHER-1]" })
equal(masked.requests[1].messages[1].content, "Write to [EMAIL-1] or call [NUMBER-1], [EMAIL-1]", "redact, request")
equal(masked.rows[1].text, "Sent to a.b@example.com, called 0123-456, [OTHER-1]", "redact, reply")

-- chunk
local text = ("word "):rep(100)
local parts = chunk.split(text, { size = 60, overlap = 10 })
local joined = parts[1]
for i = 2, #parts do
  assert(#parts[i] <= 60, "chunk, size")
  joined = joined .. parts[i]:sub(11)
end
equal(joined, text, "chunk, overlap")
equal(table.concat(chunk.split(("é"):rep(50), { size = 7 })), ("é"):rep(50), "chunk, characters")
for _, part in ipairs(chunk.split(("é"):rep(50), { size = 7 })) do assert(utf8.len(part), "chunk, inside a character") end
equal(#chunk.split("", { size = 7 }), 0, "chunk, empty")
local mapped = jobrun.test({ model = "m", process = function(item, ctx)
  return { text = chunk.map(ctx, item.text, { size = 4, separator = "+" }, function(part) return "do " .. part end) }
end }, { text = "aa bb cc" }, { "A", "B", "C" })
equal(mapped.rows[1].text, "A+B+C", "chunk, map")

-- report
equal(type(report {}.finish), "function", "report")

print("hooks: ok")
