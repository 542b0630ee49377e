-- Watches itself: fewer requests at once while many fail, a cheaper model when most of the money is spent, and an end.
--
--   jobrun jobs/watch.lua --mock
--   jobrun jobs/watch.lua --mock=flaky --input gsm8k-test.jsonl --param budget_usd=0.02

local cuts = jobrun.counter("cuts")
local last_cut = -math.huge

return {
  input  = "data/questions.jsonl",
  models = {
    strong = { name = "gpt-4.1", price = { input = 2, output = 8 } },
    cheap  = { name = "gpt-4.1-mini", price = { input = 0.4, output = 1.6 } },
  },
  model  = { "strong", "cheap" },              -- a list: a later run takes the answers of both
  params = { budget_usd = 5.0 },

  prompt = function(item) return item.question end,

  on_tick = function(stats, run)
    -- The error rate is that of the last 30 s, so a cut shows in it after as long.
    if stats.rate.errors > 0.2 and stats.concurrency > 1 and stats.elapsed_s - last_cut > 30 then
      run:set { concurrency = stats.concurrency // 2 }
      last_cut = stats.elapsed_s
      cuts:add(1)
    end
    local spent = (stats.cost_usd or 0) / run.params.budget_usd
    if spent >= 1 then run:stop(("%.4f USD are spent"):format(stats.cost_usd)) end
    if spent >= 0.8 then run:set { model = { "cheap", "strong" } } end
  end,
}
