--- Masks e-mail addresses and numbers before a request, and puts them back into the answer: a hook library.
--
--   use = { redact {} }                      -- both
--   use = { redact { digits = 4 } }          -- numbers from 4 digits on (3)
--
-- The provider sees [EMAIL-1], [NUMBER-1] and so on; the same value has the same mask within an item. Texts inside lists of
-- content parts are masked, too.

return function(options)
  local pattern = ("%d"):rep(options.digits or 3) .. "[%d%-]*"

  local function masker(ctx)
    local masks, values, counts = {}, {}, {}
    ctx.state.redacted = values
    local function mask(kind)
      return function(value)
        if not masks[value] then
          counts[kind] = (counts[kind] or 0) + 1
          masks[value] = ("[%s-%d]"):format(kind, counts[kind])
          values[masks[value]] = value
        end
        return masks[value]
      end
    end
    return function(text)
      -- Numbers first would break addresses; the masks' own digits are too few to be one.
      text = text:gsub("[%w._%%+-]+@[%w-]+%.[%w.-]*%w", mask("EMAIL"))
      return (text:gsub(pattern, mask("NUMBER")))
    end
  end

  return {
    on_request = function(request, _, ctx)
      local hide = masker(ctx)
      for _, message in ipairs(request.messages or {}) do
        if type(message.content) == "string" then
          message.content = hide(message.content)
        elseif type(message.content) == "table" then
          for _, part in ipairs(message.content) do
            if type(part.text) == "string" then part.text = hide(part.text) end
          end
        end
      end
    end,

    on_reply = function(reply, _, ctx)
      local values = ctx.state.redacted or {}
      reply.text = reply.text:gsub("%[%u+%-%d+%]", values)
    end,
  }
end
