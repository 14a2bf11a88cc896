#ifndef NIGHTMILL_STORES_POSTGRES_LIBRARY_H
#define NIGHTMILL_STORES_POSTGRES_LIBRARY_H

/* libpq, loaded when the first connection is made: with what it brings along (TLS, Kerberos, LDAP)
 * it would be most of what a start costs. */

#include <libpq-fe.h>
#include <stdbool.h>

#include "pipeline/support/error.h"

/* Its functions under their own names, without the PQ in front. */
struct postgres_library {
	__typeof__(PQconnectdbParams) *connectdbParams;
	__typeof__(PQstatus) *status;
	__typeof__(PQreset) *reset;
	__typeof__(PQfinish) *finish;
	__typeof__(PQsetNoticeProcessor) *setNoticeProcessor;
	__typeof__(PQsetClientEncoding) *setClientEncoding;
	__typeof__(PQerrorMessage) *errorMessage;
	__typeof__(PQconnectionNeedsPassword) *connectionNeedsPassword;
	__typeof__(PQconnectionUsedPassword) *connectionUsedPassword;
	__typeof__(PQhost) *host;
	__typeof__(PQhostaddr) *hostaddr;
	__typeof__(PQport) *port;
	__typeof__(PQdb) *db;
	__typeof__(PQuser) *user;
	__typeof__(PQparameterStatus) *parameterStatus;
	__typeof__(PQexecParams) *execParams;
	__typeof__(PQprepare) *prepare;
	__typeof__(PQexecPrepared) *execPrepared;
	__typeof__(PQresultStatus) *resultStatus;
	__typeof__(PQresultErrorField) *resultErrorField;
	__typeof__(PQresultErrorMessage) *resultErrorMessage;
	__typeof__(PQntuples) *ntuples;
	__typeof__(PQgetlength) *getlength;
	__typeof__(PQgetvalue) *getvalue;
	__typeof__(PQclear) *clear;
	__typeof__(PQputCopyData) *putCopyData;
	__typeof__(PQputCopyEnd) *putCopyEnd;
	__typeof__(PQgetResult) *getResult;
	__typeof__(PQcmdTuples) *cmdTuples;
};

/* To be used behind postgres_library_need alone. */
extern struct postgres_library pq;

/* Loads it, for the rest of the process's life. */
bool postgres_library_need(struct error *err);

#endif
