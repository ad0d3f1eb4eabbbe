#ifndef HEARTH_DOCS_H
#define HEARTH_DOCS_H

/* A page of the documentation, or a file that one names, built into the program. */
struct hearth_docs_file {
    const char *name;
    const unsigned char *bytes;
    unsigned long count;
};

unsigned long hearth_docs_count(void);
/* The file at a place below the count. */
struct hearth_docs_file hearth_docs_file(unsigned long place);

#endif
