#ifndef HEARTH_CSQLITE_SHIM_H
#define HEARTH_CSQLITE_SHIM_H
/* sqlite3_config is variadic, which Swift cannot call. Nothing else of <sqlite3.h> is declared here: GRDBSQLite has the rest. */
extern int sqlite3_config(int, ...);
/* SQLITE_CONFIG_MEMSTATUS (9): without statistics malloc and free take no lock. No effect once SQLite has been used. */
static inline int hearth_sqlite_without_memory_statistics(void) { return sqlite3_config(9, 0); }
#endif
