// What the thread sanitizer has to be told about Swift's Mutex; empty in every other build.
#if __has_feature(thread_sanitizer)
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>

// A lock that nobody holds is taken and given back by atomics in the caller, which the sanitizer sees. One that is
// waited for is handed over inside the standard library, which is not instrumented: the sanitizer would take what the
// next owner does for a race. So these two stand in for the library's, and say what happened.

void __tsan_acquire(void *address);
void __tsan_release(void *address);

typedef __attribute__((swiftcall)) void lock_slow(uint32_t thread, __attribute__((swift_context)) void *mutex);
typedef __attribute__((swiftcall)) void unlock_slow(__attribute__((swift_context)) void *mutex);

lock_slow mutex_lock_slow __asm__("$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF");
unlock_slow mutex_unlock_slow __asm__("$s15Synchronization12_MutexHandleV11_unlockSlowyyF");

__attribute__((swiftcall)) void mutex_lock_slow(uint32_t thread, __attribute__((swift_context)) void *mutex) {
  lock_slow *library = (lock_slow *)dlsym(RTLD_NEXT, "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF");
  library(thread, mutex);
  __tsan_acquire(mutex);
}

__attribute__((swiftcall)) void mutex_unlock_slow(__attribute__((swift_context)) void *mutex) {
  unlock_slow *library = (unlock_slow *)dlsym(RTLD_NEXT, "$s15Synchronization12_MutexHandleV11_unlockSlowyyF");
  __tsan_release(mutex);
  library(mutex);
}
#endif
