nightmill list
