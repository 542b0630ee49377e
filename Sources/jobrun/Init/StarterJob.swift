/// The job that `jobrun init` writes, and its input.
enum StarterJob {
  static let job = #"""
    -- Translates each line of data/hello.txt:
    --
    --   jobrun --mock jobs/hello.lua                    try it: the replies are not real
    --   jobrun jobs/hello.lua --param to=German         for real, with the key of a provider in the environment

    local shout = require "hooks.shout"                  -- jobs/hooks/shout.lua

    return {
      input  = "data/hello.txt",                         -- or .jsonl, .csv, .tsv; paths begin at this file
      output = { columns = { "id", "translation" } },    -- out/hello.jsonl, with these keys first
      model  = "gpt-4.1-mini",                           -- as the provider calls it
      limits = { rpm = 300, tpm = 100000 },              -- what your account allows in a minute
      params = { to = "French" },                        -- --param to=German
      use    = { shout { mark = "!" } },                 -- hook libraries

      -- Once an item: what to ask. A string would be one user message, `false` no request at all.
      prompt = function(item, ctx)
        return {
          { role = "system", content = "Translate into " .. ctx.params.to .. ". Answer with the translation only." },
          { role = "user", content = item.text },        -- an item of a .txt has one field, `text`
        }
      end,

      -- Once an answer: the row. Answers are kept: after a change here the same command asks nothing again.
      parse = function(reply, item, ctx)
        return { id = ctx.id, text = item.text, translation = reply.text }
      end,
    }

    """#

  static let input = """
    Good morning.
    The train leaves at nine.
    Where is the library?
    It has been raining since Tuesday.
    Thank you for your help.

    """
}
