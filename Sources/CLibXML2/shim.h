#ifndef HEARTH_CLIBXML2_SHIM_H
#define HEARTH_CLIBXML2_SHIM_H
/* Debian's headers pull in ICU, which clashes with Foundation's copy. */
#include <libxml/xmlversion.h>
#undef LIBXML_ICU_ENABLED
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/SAX2.h>
#include <libxml/xmlerror.h>

/* xmlFree is a global function pointer, which Swift 6 refuses to read. */
static inline void hearth_xml_free(void *memory) { xmlFree(memory); }
#endif
