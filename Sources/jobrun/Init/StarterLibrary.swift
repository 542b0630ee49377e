/// The hook library that `jobrun init` writes, and its test.
enum StarterLibrary {
  static let library = #"""
    --- Makes answers loud: a hook library.
    --
    --   local shout = require "hooks.shout"
    --   use = { shout { mark = "!" } }
    --
    -- Options:
    --   mark  what stands behind every answer ("!")

    return function(options)
      local mark = options.mark or "!"
      return {
        -- Before `parse`: the reply may be changed in place.
        on_reply = function(reply)
          reply.text = reply.text:upper() .. mark
        end,
      }
    end

    """#

  static let test = #"""
    -- Tests hooks/shout.lua; nothing is sent:
    --
    --   jobrun lua jobs/hooks/shout_test.lua

    local shout = require "hooks.shout"

    local job = {
      model  = "any",
      use    = { shout { mark = "?" } },
      prompt = function(item) return item.text end,
      parse  = function(reply) return { text = reply.text } end,
    }

    -- One item goes through the job; "bonjour" is the reply to its first request.
    local result = jobrun.test(job, { text = "hello" }, { "bonjour" })

    assert(result.status == "ok", "the item ended as " .. result.status)
    assert(result.rows[1].text == "BONJOUR?", "got " .. tostring(result.rows[1].text))
    print("shout: ok")

    """#
}
