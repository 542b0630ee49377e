--- Asks n times and takes the answer that most agree on: a hook library.
--
--   use = { vote { n = 5, key = function(text) return text:match("%d+") end } }
--
-- Answers count as equal where `key` gives the same for them (the text without blanks at its ends, in lower case). Of equal
-- counts the key that sorts first wins, so that a later run decides alike. `reply.text` becomes the winner's, and
-- `ctx.state.vote` is {n =, agreed =}. Ask with a temperature above 0: equal requests get equal answers otherwise.

local function normal(text) return text:match("^%s*(.-)%s*$"):lower() end

return function(options)
  local n, key = options.n or 3, options.key or normal
  assert(math.type(n) == "integer" and n > 1, "vote: `n` is a whole number above 1")

  return {
    on_reply = function(reply, _, ctx)
      local requests, again = {}, reply.request
      again.model = reply.model -- in the request as sent stands the provider's name
      for i = 1, n - 1 do requests[i] = again end
      local counts, texts = {}, {}
      local function add(one)
        local k = one.ok and key(one.text)
        if not k then return end
        counts[k] = (counts[k] or 0) + 1
        texts[k] = texts[k] or one.text
      end
      add(reply)
      for _, other in ipairs(ctx:call_all(requests)) do add(other) end
      local best
      for k, count in jobrun.sorted(counts) do
        if not best or count > counts[best] then best = k end
      end
      if not best then return end
      reply.text = texts[best]
      ctx.state.vote = { n = n, agreed = counts[best] }
    end,
  }
end
