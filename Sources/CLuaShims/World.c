#include "World.h"

#include <lauxlib.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>

#include "LuaHost.h"

/// Lua's allocator: counts, and refuses to grow past the limit while Lua code runs.
static void *allocate(void *context, void *block, size_t old_size, size_t new_size) {
  struct jr_world *world = context;
  if (block == NULL) old_size = 0;  // Lua passes a type there
  if (new_size == 0) {
    world->memory_used -= old_size;
    free(block);
    return NULL;
  }
  if (new_size > old_size && world->scope.limited && world->memory_used + (new_size - old_size) > world->memory_limit)
    return NULL;
  void *fresh = realloc(block, new_size);
  if (fresh == NULL) return new_size <= old_size ? block : NULL;  // Lua relies on shrinking
  world->memory_used += new_size - old_size;
  return fresh;
}

/// Never reached: Swift calls nothing that raises.
static int panic(lua_State *L) {
  const char *message = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "an error value that is not a string";
  fprintf(stderr, "fatal: Lua error outside of a protected call: %s\n", message);
  fflush(stderr);
  abort();
}

/// tostring of light userdata: jobrun.null is "null". Stack: [value] -> [.., string]
static int light_to_string(lua_State *L) {
  if (lua_touserdata(L, 1) == NULL)
    lua_pushliteral(L, "null");
  else
    lua_pushfstring(L, "userdata: %p", lua_topointer(L, 1));
  return 1;
}

/// A function has been collected, so its box goes. Stack: [box] -> [box]
static int collect_box(lua_State *L) {
  struct jr_world *world = jr_world_of(L);
  void **box = lua_touserdata(L, 1);
  if (box == NULL || *box == NULL) return 0;
  void *content = *box;
  *box = NULL;
  bool limited = world->scope.limited;
  world->scope.limited = false;
  world->release(content);
  world->scope.limited = limited;
  return 0;
}

/// A metatable with this __name, kept in the registry. Stack: [] -> []
static int new_mark(lua_State *L, const char *name, const void **address) {
  lua_createtable(L, 0, 1);
  lua_pushstring(L, name);
  lua_setfield(L, -2, "__name");
  *address = lua_topointer(L, -1);
  return luaL_ref(L, LUA_REGISTRYINDEX);
}

lua_State *jr_open(size_t memory_limit, void *context, jr_entry entry, jr_release release) {
  struct jr_world *world = calloc(1, sizeof *world);
  if (world == NULL) return NULL;
  world->scope.deadline_ns = INT64_MAX;
  world->memory_limit = memory_limit;
  world->context = context;
  world->entry = entry;
  world->release = release;
  world->json = jr_json_new();
  lua_State *L = world->json == NULL ? NULL : lua_newstate(allocate, world);
  if (L == NULL) {
    if (world->json != NULL) jr_json_free(world->json);
    free(world);
    return NULL;
  }
  *(struct jr_world **)lua_getextraspace(L) = world;
  world->main = L;
  world->scope.current = L;
  lua_atpanic(L, panic);
  lua_gc(L, LUA_GCINC, 0, 0, 0);
  jr_install_budget(L);  // before any coroutine exists
  luaL_openlibs(L);
  jr_replace_xpcall(L);

  world->array_reference = new_mark(L, "jobrun.array", &world->array_metatable);
  world->object_reference = new_mark(L, "jobrun.object", &world->object_metatable);

  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, collect_box);
  lua_setfield(L, -2, "__gc");
  world->box_reference = luaL_ref(L, LUA_REGISTRYINDEX);

  lua_createtable(L, 0, 0);  // thread -> traceback, weak
  lua_createtable(L, 0, 1);
  lua_pushliteral(L, "k");
  lua_setfield(L, -2, "__mode");
  lua_setmetatable(L, -2);
  world->tracebacks_reference = luaL_ref(L, LUA_REGISTRYINDEX);

  lua_pushlightuserdata(L, NULL);  // one metatable for all light userdata
  lua_createtable(L, 0, 2);
  lua_pushcfunction(L, light_to_string);
  lua_setfield(L, -2, "__tostring");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_setmetatable(L, -2);
  lua_settop(L, 0);
  return L;
}

void jr_close(lua_State *L) {
  struct jr_world *world = jr_world_of(L);
  lua_close(world->main);
  jr_json_free(world->json);
  free(world);
}

void *jr_context(lua_State *L) { return jr_world_of(L)->context; }
size_t jr_memory_used(lua_State *L) { return jr_world_of(L)->memory_used; }
size_t jr_memory_limit(lua_State *L) { return jr_world_of(L)->memory_limit; }
void jr_set_memory_limit(lua_State *L, size_t limit) { jr_world_of(L)->memory_limit = limit; }
void jr_collect(lua_State *L) {
  lua_gc(L, LUA_GCCOLLECT);
  lua_gc(L, LUA_GCCOLLECT);
}

lua_State *jr_current(lua_State *L) { return jr_world_of(L)->scope.current; }

bool jr_is_running(lua_State *L) {
  const struct jr_world *world = jr_world_of(L);
  return world->scope.running == L && world->scope.current == L;
}

/// Stack: [.., table at index] -> same
static void mark(lua_State *L, int index, int reference) {
  index = lua_absindex(L, index);
  lua_rawgeti(L, LUA_REGISTRYINDEX, reference);
  lua_setmetatable(L, index);
}

static bool is_marked(lua_State *L, int index, const void *address) {
  if (lua_type(L, index) != LUA_TTABLE || !lua_getmetatable(L, index)) return false;
  bool same = lua_topointer(L, -1) == address;
  lua_pop(L, 1);
  return same;
}

void jr_mark_array(lua_State *L, int index) { mark(L, index, jr_world_of(L)->array_reference); }
void jr_mark_object(lua_State *L, int index) { mark(L, index, jr_world_of(L)->object_reference); }
bool jr_is_marked_array(lua_State *L, int index) { return is_marked(L, index, jr_world_of(L)->array_metatable); }
bool jr_is_marked_object(lua_State *L, int index) { return is_marked(L, index, jr_world_of(L)->object_metatable); }
