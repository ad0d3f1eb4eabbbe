#ifndef HEARTH_CLIBCURL_SHIM_H
#define HEARTH_CLIBCURL_SHIM_H
#include <curl/curl.h>
#include <string.h>
#include <sys/socket.h>
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
/* Is asked for each address before it is connected to; 0 refuses it. */
typedef int (*hearth_curl_admits)(void *, const struct sockaddr *);
typedef struct { hearth_curl_admits admits; void *context; } hearth_curl_gate;
static inline curl_socket_t hearth_curl_open_socket(void *gate, curlsocktype purpose, struct curl_sockaddr *address) {
    hearth_curl_gate *g = gate;
    (void)purpose;
    if (!g->admits(g->context, &address->addr)) return CURL_SOCKET_BAD;
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}
/* The gate must live as long as the transfer. */
static inline void hearth_curl_set_gate(CURL *h, hearth_curl_gate *gate) {
    curl_easy_setopt(h, CURLOPT_OPENSOCKETFUNCTION, hearth_curl_open_socket);
    curl_easy_setopt(h, CURLOPT_OPENSOCKETDATA, gate);
    /* A proxy would be the one that is connected to. */
    curl_easy_setopt(h, CURLOPT_NOPROXY, "*");
}
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
