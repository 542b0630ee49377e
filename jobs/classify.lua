-- Sorts reviews into positive, negative and unclear:
--
--   jobrun jobs/classify.lua
--
-- An item is a line of a CSV with a column `review`; its `review_id` is the item's id.

local labels = { positive = true, negative = true, unclear = true }

return {
  input    = { path = "data/reviews.csv", id = "review_id" },
  output   = { columns = { "review_id", "label" } },
  model    = "gpt-4.1-mini",
  defaults = { temperature = 0, max_tokens = 4 },

  prompt = function(item, ctx)
    if item.review == "" then ctx:skip("empty review") end
    return {
      { role = "system", content = "Is this review positive or negative? Answer with one word: "
        .. "positive, negative, or unclear if it says neither." },
      { role = "user", content = item.review },
    }
  end,

  -- Whatever the model answers, the row gets one of the three labels.
  parse = function(reply, item, ctx)
    local word = reply.text:lower():match("%a+")
    return { review_id = ctx.id, label = labels[word] and word or "unclear", review = item.review }
  end,
}
