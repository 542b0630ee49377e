--- Long texts in overlapping parts: functions for `process`.
--
--   process = function(item, ctx)
--     local text = chunk.map(ctx, item.text, { size = 2000, overlap = 200 }, function(part) return "Translate: " .. part end)
--     return { id = ctx.id, text = text }
--   end
--
-- Sizes are bytes; parts end at blanks, and never inside a character.

local chunk = {}

--- The parts of a text, each at most `size` bytes, the last `overlap` bytes of one standing in the next, too.
function chunk.split(text, options)
  local size, overlap = options.size or 4000, options.overlap or 0
  assert(overlap >= 0 and overlap < size, "chunk: `overlap` is smaller than `size`")
  local parts, first = {}, 1
  while first <= #text do
    local last = math.min(first + size - 1, #text)
    if last < #text then
      local blank = text:sub(first, last):match("^.*()%s")
      if blank and blank > overlap + 1 then
        last = first + blank - 1
      else
        while last > first and text:byte(last + 1) & 0xC0 == 0x80 do last = last - 1 end
      end
    end
    parts[#parts + 1] = text:sub(first, last)
    if last == #text then break end
    local next_first = math.max(last + 1 - overlap, first + 1)
    while next_first <= last and text:byte(next_first) & 0xC0 == 0x80 do next_first = next_first + 1 end
    first = next_first
  end
  return parts
end

--- Asks about all parts at the same time, and joins the replies with `options.separator` (a line break). An answer that
--- fails is raised.
function chunk.map(ctx, text, options, prompt)
  local requests = {}
  for i, part in ipairs(chunk.split(text, options)) do requests[i] = prompt(part, i) end
  local texts = {}
  for i, reply in ipairs(ctx:call_all(requests)) do
    if not reply.ok then error(reply) end
    texts[i] = reply.text
  end
  return table.concat(texts, options.separator or "\n")
end

return chunk
