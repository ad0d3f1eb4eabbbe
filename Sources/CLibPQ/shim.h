#ifndef HEARTH_CLIBPQ_SHIM_H
#define HEARTH_CLIBPQ_SHIM_H
#include <libpq-fe.h>
/* To wait for many of its sockets at once. */
#include <sys/epoll.h>
#endif
