#pragma once
// Whether this is built under a sanitizer, whichever compiler says so: their memory and descriptors are not counted as
// those of the program.

#if defined(__SANITIZE_ADDRESS__)
#define BACKSPIKE_ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define BACKSPIKE_ADDRESS_SANITIZER 1
#endif
#endif

#if defined(__SANITIZE_THREAD__)
#define BACKSPIKE_THREAD_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define BACKSPIKE_THREAD_SANITIZER 1
#endif
#endif

#if defined(BACKSPIKE_ADDRESS_SANITIZER) || defined(BACKSPIKE_THREAD_SANITIZER)
#define BACKSPIKE_SANITIZED 1
#endif
