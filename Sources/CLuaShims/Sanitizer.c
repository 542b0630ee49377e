// What the thread sanitizer has to be told about Lua's errors; empty in every other build.
#if __has_feature(thread_sanitizer)
#undef _FORTIFY_SOURCE  // or the longjmp below would be __longjmp_chk itself
#include <setjmp.h>

_Noreturn void __longjmp_chk(struct __jmp_buf_tag *buffer, int value);

/// The system's Lua raises by the fortified longjmp, which the sanitizer does not know: it would go on counting the
/// frames that an error left as open, until its own stack of them overflows. The plain one it does know.
_Noreturn void __longjmp_chk(struct __jmp_buf_tag *buffer, int value) { longjmp(buffer, value); }
#endif
