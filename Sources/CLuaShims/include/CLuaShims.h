// The part of the Lua bridge that must be C: whatever raises or yields in Lua, and JSON.
//
// lua_error and lua_yield leave by longjmp, which must not cross a Swift frame. So Swift never calls a Lua
// function that can raise: host functions return a status and the trampoline here raises or yields, and
// everything that runs Lua code goes through the protected entries below.
#pragma once
#include "LuaCalls.h"
#include "LuaHost.h"
#include "LuaJSON.h"
#include "LuaJSONTape.h"
#include "LuaMacros.h"
#include "LuaWorld.h"
