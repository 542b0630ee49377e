-- Several calls for one item: a draft, a critique of it, and a final text that takes the critique to heart.
return {
  input = "data/sentences.txt",
  model = "gpt-4.1",
  concurrency = 20,

  process = function(item, ctx)
    local draft = ctx:call("Write a headline for: " .. item.text)
    local critique = ctx:call("What is wrong with this headline? " .. draft.text)
    local final = ctx:call {
      { role = "user", content = "Write a headline for: " .. item.text },
      { role = "assistant", content = draft.text },
      { role = "user", content = "Write it again, without these faults: " .. critique.text },
    }
    return { id = ctx.id, draft = draft.text, critique = critique.text, headline = final.text }
  end,
}
