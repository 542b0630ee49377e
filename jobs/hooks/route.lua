--- Sends easy items to a cheap model and hard ones to a strong one: a hook library.
--
--   use = { route { cheap = "flash", strong = "sonnet", hard = function(item) return #item.text > 500 end } }
--
-- Both are keys of `models` (with a `price`, for the saving). At the end the share and the saving are logged: what the
-- cheap items would have cost at the strong model's mean price for a request.

return function(options)
  assert(type(options.cheap) == "string" and type(options.strong) == "string", "route: `cheap` and `strong` are models")
  assert(type(options.hard) == "function", "route: `hard` is a function of the item")
  local cheap, strong = jobrun.counter("route.cheap"), jobrun.counter("route.strong")

  return {
    on_request = function(request, item, ctx)
      if ctx.ask > 1 then return end                       -- whoever asks again has chosen the model
      local is_hard = options.hard(item)
      request.model = is_hard and options.strong or options.cheap
      if is_hard then strong:add(1) else cheap:add(1) end
    end,

    finish = function(stats)
      local hard, easy = stats.counters["route.strong"], stats.counters["route.cheap"]
      if hard + easy == 0 then return end
      local line = ("route: %d of %d items went to %s"):format(hard, hard + easy, options.strong)
      local a, b = stats.models[options.cheap], stats.models[options.strong]
      if a and b and a.cost_usd and b.cost_usd and b.requests > 0 then
        local all_strong = b.cost_usd / b.requests * (a.requests + b.requests)
        line = line .. (", saved about %.4f USD of %.4f"):format(all_strong - a.cost_usd - b.cost_usd, all_strong)
      end
      jobrun.log.info(line)
    end,
  }
end
