#ifndef HEARTH_SHIPPED_H
#define HEARTH_SHIPPED_H

/* A file of Config or Mappings that is built into the program. */
struct hearth_shipped_file {
    /* Its path in the repository. */
    const char *name;
    const unsigned char *bytes;
    unsigned long count;
    /* 1 where it describes the demonstration company, 0 where every company begins with it. */
    int is_demo;
};

unsigned long hearth_shipped_count(void);
/* The file at a place below the count. */
struct hearth_shipped_file hearth_shipped_file(unsigned long place);

#endif
