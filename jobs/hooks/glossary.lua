--- Keeps terms as they must be: a hook library.
--
--   local glossary = require "hooks.glossary"
--   use = { glossary { GPU = "GPU", ["neural network"] = "réseau de neurones" } }
--
-- Where a term occurs in the item's text, as a word and in this case, the request gets one more system message that
-- says how to render it. A request without such a term stays as it is, so it is not bought again when the glossary
-- gets a term that it does not have.
--
-- Options besides the terms, under keys that are no terms:
--   [1]  the field of the item that holds the text ("text")

--- Whether `term` stands in `text` by itself, not as a part of a longer word.
local function occurs(text, term)
  local from = 1
  while true do
    local first, last = text:find(term, from, true)
    if not first then return false end
    local before, after = text:sub(first - 1, first - 1), text:sub(last + 1, last + 1)
    if (first == 1 or not before:find("[%w_]")) and not after:find("[%w_]") then return true end
    from = last + 1
  end
end

return function(options)
  local field, terms = options[1] or "text", {}
  for term, rendering in jobrun.sorted(options) do          -- the same order in every run
    if type(term) == "string" then
      assert(term ~= "" and type(rendering) == "string", "glossary: terms and their renderings are strings")
      terms[#terms + 1] = { term = term, rendering = rendering }
    end
  end
  assert(#terms > 0, "glossary: at least one term expected, as in glossary { GPU = \"GPU\" }")

  return {
    on_request = function(request, item)
      local text, rules = item[field], {}
      if type(text) ~= "string" or not request.messages then return end
      for _, entry in ipairs(terms) do
        if occurs(text, entry.term) then
          rules[#rules + 1] = ("- %s: %s"):format(entry.term, entry.rendering)
        end
      end
      if #rules == 0 then return end
      table.insert(request.messages, 1,
        { role = "system", content = "Render these terms exactly so:\n" .. table.concat(rules, "\n") })
    end,
  }
end
