--- Asks a stronger model where an answer fails a check or a JSON schema: a hook library.
--
--   use = { escalate { to = "strong", schema = person, check = function(reply) return #reply.text > 0 end } }
--
-- `to` is a key of `models`. `check(reply, item, ctx)` returns true for a good answer, else false and a reason. Each item
-- is escalated once; what the strong model says is taken as it is. At the end the share and the saving are logged.

return function(options)
  assert(type(options.to) == "string", "escalate: `to` is a model")
  assert(options.check or options.schema, "escalate: `check` or `schema` says what is good")
  local asked, escalated = jobrun.counter("escalate.asked"), jobrun.counter("escalate.escalated")

  local function problem(reply, item, ctx)
    if options.schema then
      local ok, problems = jobrun.json.check(options.schema, reply.json)
      if not ok then return table.concat(problems, "; ") end
    end
    if options.check then
      local ok, reason = options.check(reply, item, ctx)
      if not ok then return reason or "the check failed" end
    end
  end

  return {
    on_reply = function(reply, item, ctx)
      if reply.model == options.to then return end
      asked:add(1)
      local why = problem(reply, item, ctx)
      if not why then return end
      escalated:add(1)
      ctx:retry(why, { model = options.to })
    end,

    finish = function(stats)
      local all, up = stats.counters["escalate.asked"], stats.counters["escalate.escalated"]
      if all == 0 then return end
      local line = ("escalate: %d of %d answers came from %s"):format(up, all, options.to)
      local strong = stats.models[options.to]
      if stats.cost_usd and strong and strong.cost_usd and strong.requests > 0 then
        local all_strong = strong.cost_usd / strong.requests * all
        line = line .. (", saved about %.4f USD of %.4f"):format(all_strong - stats.cost_usd, all_strong)
      end
      jobrun.log.info(line)
    end,
  }
end
