#ifndef HEARTH_CLIBCURL_SHIM_H
#define HEARTH_CLIBCURL_SHIM_H
#include <curl/curl.h>
#include <string.h>
/* curl_easy_setopt is variadic, which Swift does not import: one typed twin for each argument type. */
static inline CURLcode hearth_curl_setopt_long(CURL *h, CURLoption o, long v) { return curl_easy_setopt(h, o, v); }
static inline CURLcode hearth_curl_setopt_string(CURL *h, CURLoption o, const char *v) { return curl_easy_setopt(h, o, v); }
static inline CURLcode hearth_curl_setopt_pointer(CURL *h, CURLoption o, void *v) { return curl_easy_setopt(h, o, v); }
static inline CURLcode hearth_curl_setopt_slist(CURL *h, CURLoption o, struct curl_slist *v) { return curl_easy_setopt(h, o, v); }
static inline CURLcode hearth_curl_setopt_offset(CURL *h, CURLoption o, curl_off_t v) { return curl_easy_setopt(h, o, v); }
typedef size_t (*hearth_curl_write)(char *, size_t, size_t, void *);
static inline CURLcode hearth_curl_setopt_write(CURL *h, CURLoption o, hearth_curl_write v) { return curl_easy_setopt(h, o, v); }
typedef int (*hearth_curl_progress)(void *, curl_off_t, curl_off_t, curl_off_t, curl_off_t);
static inline CURLcode hearth_curl_setopt_progress(CURL *h, hearth_curl_progress v) { return curl_easy_setopt(h, CURLOPT_XFERINFOFUNCTION, v); }
typedef int (*hearth_curl_hostkey)(void *, int, const char *, size_t);
static inline CURLcode hearth_curl_setopt_hostkey(CURL *h, hearth_curl_hostkey v) { return curl_easy_setopt(h, CURLOPT_SSH_HOSTKEYFUNCTION, v); }
static inline CURLcode hearth_curl_getinfo_long(CURL *h, CURLINFO i, long *v) { return curl_easy_getinfo(h, i, v); }
static inline CURLcode hearth_curl_getinfo_string(CURL *h, CURLINFO i, char **v) { return curl_easy_getinfo(h, i, v); }
static inline CURLcode hearth_curl_getinfo_offset(CURL *h, CURLINFO i, curl_off_t *v) { return curl_easy_getinfo(h, i, v); }
/* Whether a TLS handshake ended because the other side was gone, by OpenSSL's words: it said nothing of certificates. */
static inline int hearth_curl_broke_off(CURLcode c, const char *said) {
    return c == CURLE_SSL_CONNECT_ERROR && (strstr(said, "SSL_ERROR_SYSCALL") || strstr(said, "unexpected eof") || strstr(said, "reset"));
}
#endif
