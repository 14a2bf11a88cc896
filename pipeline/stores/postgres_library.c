#include "pipeline/stores/postgres_library.h"

#include "pipeline/support/library.h"

struct postgres_library pq;

static const struct library_name postgres_library_names[] = {
	LIBRARY_NAME(pq, connectdbParams, PQconnectdbParams),
	LIBRARY_NAME(pq, status, PQstatus),
	LIBRARY_NAME(pq, reset, PQreset),
	LIBRARY_NAME(pq, finish, PQfinish),
	LIBRARY_NAME(pq, setNoticeProcessor, PQsetNoticeProcessor),
	LIBRARY_NAME(pq, setClientEncoding, PQsetClientEncoding),
	LIBRARY_NAME(pq, errorMessage, PQerrorMessage),
	LIBRARY_NAME(pq, connectionNeedsPassword, PQconnectionNeedsPassword),
	LIBRARY_NAME(pq, connectionUsedPassword, PQconnectionUsedPassword),
	LIBRARY_NAME(pq, host, PQhost),
	LIBRARY_NAME(pq, hostaddr, PQhostaddr),
	LIBRARY_NAME(pq, port, PQport),
	LIBRARY_NAME(pq, db, PQdb),
	LIBRARY_NAME(pq, user, PQuser),
	LIBRARY_NAME(pq, parameterStatus, PQparameterStatus),
	LIBRARY_NAME(pq, execParams, PQexecParams),
	LIBRARY_NAME(pq, prepare, PQprepare),
	LIBRARY_NAME(pq, execPrepared, PQexecPrepared),
	LIBRARY_NAME(pq, resultStatus, PQresultStatus),
	LIBRARY_NAME(pq, resultErrorField, PQresultErrorField),
	LIBRARY_NAME(pq, resultErrorMessage, PQresultErrorMessage),
	LIBRARY_NAME(pq, ntuples, PQntuples),
	LIBRARY_NAME(pq, getlength, PQgetlength),
	LIBRARY_NAME(pq, getvalue, PQgetvalue),
	LIBRARY_NAME(pq, clear, PQclear),
	LIBRARY_NAME(pq, putCopyData, PQputCopyData),
	LIBRARY_NAME(pq, putCopyEnd, PQputCopyEnd),
	LIBRARY_NAME(pq, getResult, PQgetResult),
	LIBRARY_NAME(pq, cmdTuples, PQcmdTuples),
};

static struct library postgres_library = LIBRARY("libpq.so.5", postgres_library_names, pq);

bool postgres_library_need(struct error *err)
{
	return library_need(&postgres_library, err);
}
