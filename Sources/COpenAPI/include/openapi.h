#ifndef HEARTH_OPENAPI_H
#define HEARTH_OPENAPI_H

/* Gateway/OpenAPI/openapi.yaml as it is when the program is built. */
const unsigned char *hearth_openapi_bytes(void);
unsigned long hearth_openapi_count(void);

#endif
