import { Redis } from 'ioredis';

/** A client that writes down the name of each command that it is asked for. */
export function countedClient(url: string): { client: Redis; commands: string[] } {
  const client = new Redis(url);
  const commands: string[] = [];
  const send = client.sendCommand.bind(client);
  client.sendCommand = (command, ...rest) => {
    commands.push(command.name);
    return send(command, ...rest);
  };
  return { client, commands };
}
