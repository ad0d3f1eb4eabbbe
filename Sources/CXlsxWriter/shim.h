#ifndef HEARTH_CXLSXWRITER_SHIM_H
#define HEARTH_CXLSXWRITER_SHIM_H
#include <xlsxwriter.h>

/* A workbook that keeps one row of each sheet in memory. */
static inline lxw_workbook *hearth_workbook_new(const char *path, char *folder) {
    lxw_workbook_options options = {.constant_memory = LXW_TRUE, .tmpdir = folder, .use_zip64 = LXW_FALSE};
    return workbook_new_opt(path, &options);
}

/* Properties with a fixed time of creation: the same content gives the same bytes. */
static inline void hearth_workbook_describe(lxw_workbook *workbook, char *title, int64_t created) {
    lxw_doc_properties properties = {0};
    properties.title = title;
    properties.company = (char *)"Hearth";
    properties.created = (time_t)created;
    workbook_set_properties(workbook, &properties);
}
#endif
