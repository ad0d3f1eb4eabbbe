#ifndef HEARTH_CODBC_SHIM_H
#define HEARTH_CODBC_SHIM_H
#include <sql.h>
#include <sqlext.h>
#endif
