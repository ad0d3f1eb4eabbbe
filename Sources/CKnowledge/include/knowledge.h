#ifndef HEARTH_KNOWLEDGE_H
#define HEARTH_KNOWLEDGE_H

/* A file of Config/knowledge that is built into the program. */
struct hearth_knowledge_file {
    const char *name;
    const unsigned char *bytes;
    unsigned long count;
};

unsigned long hearth_knowledge_count(void);
/* The file at a place below the count. */
struct hearth_knowledge_file hearth_knowledge_file(unsigned long place);

#endif
